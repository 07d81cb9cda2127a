"""Has Spark find the ties of a hunt, and its candidate pairs, and compares.

    python3 check.py DATA FOUND [MASTER]

DATA is a data directory, FOUND the results of `stillwatch hunt DATA --keep-ties --out FOUND`, MASTER a Spark master (a local
cluster of two executors by default). Ends with status 1 where anything differs. The pairs are computed here a second time,
in Python, from the hunt's own ties.
"""

import collections
import itertools
import math
import os
import pathlib
import sys

from pyspark.sql import SparkSession

SQL = pathlib.Path(__file__).parent
HANDED_OVER = (16, 17, 18)


def query(spark, name):
    spark.sql((SQL / f"{name}.sql").read_text()).createOrReplaceTempView(name)


def pairs_of(ties, customer):
    """The candidate pairs of ties, plainly."""
    customers = len(set(customer.values()))
    held = collections.defaultdict(set)
    for kind, value, account in ties:
        held[kind, value].add(account)
    found = collections.defaultdict(lambda: [0, 0.0])
    for accounts in held.values():
        holders = {customer[account] for account in accounts}
        if len(holders) > 50:
            continue
        bits = math.log2(customers / len(holders))
        for one, other in itertools.combinations(sorted(accounts), 2):
            if customer[one] != customer[other]:
                found[one, other][0] += 1
                found[one, other][1] += bits
    return {pair: tuple(weight) for pair, weight in found.items() if weight[1] >= 12}


def same(name, ours, theirs):
    print(f"{name}: {len(ours)} here, {len(theirs)} of Spark", flush=True)
    if ours == theirs and ours:
        return True
    print(f"  only here: {sorted(ours - theirs)[:3]}\n  only Spark: {sorted(theirs - ours)[:3]}")
    return False


def main(data, found, master="local-cluster[2,1,1024]"):
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = (
        SparkSession.builder.master(master)
        .appName("stillwatch")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    spark.read.parquet(f"{data}/exchange/v4").createOrReplaceTempView("exchange")
    spark.read.parquet(f"{found}/registration.parquet").createOrReplaceTempView("registration")
    ours = {tuple(row) for row in spark.read.parquet(f"{found}/ties.parquet").collect()}
    for name in ("observable", "tie", "pair"):
        query(spark, name)
    is_same = same("ties", ours, {tuple(row) for row in spark.table("tie").collect()})
    kinds = collections.Counter(kind for kind, *_ in ours)
    print("ties by kind:", dict(sorted(kinds.items())))
    customer = {row.account: row.customer for row in spark.table("registration").collect()}
    plain = pairs_of(ours, customer)
    theirs = {(row.one, row.other): (row.shared, row.bits) for row in spark.table("pair").collect()}
    is_same &= same("candidate pairs", set(plain), set(theirs))
    for pair in set(plain) & set(theirs):
        (shared, bits), (other_shared, other_bits) = plain[pair], theirs[pair]
        if shared != other_shared or not math.isclose(bits, other_bits, rel_tol=1e-9):
            print(f"  {pair}: {plain[pair]} here, {theirs[pair]} of Spark")
            is_same = False
            break
    spark.stop()
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
