//! What goes into every archive: how to check it, and how the numbers came about.

/// `README.txt`.
pub const README: &str = "\
This archive is a case of Stillwatch: what is claimed of a group of accounts, the records that matter, and proofs that these
records were not changed since they were recorded.

To check it, without a network and without trusting who made it:

    stillwatch verify FILE
    stillwatch verify FILE --trust KEY      KEY: the public key of the ledger, which you got in another way
    stillwatch verify FILE --tsa-cert CERT  CERT: the certificate of the time-stamping authority, if there are time-stamps

Or open verify.html in a browser of 2025 or later and choose this archive there, as it is and not unpacked. That page came with the
archive: who does not trust the sender takes it from a program of their own (stillwatch verify --page FILE).

Without --trust the archive is compared with the key inside. That shows that it is of one piece, and not whose it is.

report.html    for people; print it
claims.json    every number of the report, and what it rests on
verdict.json   what the hunt held of the campaign, as it is in the ledger
records/       the accounts' counts, the exchanges that matter, and what shows that they are in the ledger
entries        all entries of the ledger up to the checkpoint, 34 bytes each: version, kind, commitment
checkpoint     the signed head of the ledger (C2SP tlog-checkpoint); key.pub checks its signature
seal           the ledger's signature of manifest.json
timestamps/    heads of the ledger that a time-stamping authority signed (RFC 3161), if there are any
figures/       pictures, from the same numbers
verify.html    checks this archive in a browser, without a network
method.txt     how the numbers came about, and what is not shown
";

/// `method.txt`.
pub const METHOD: &str = "\
METHOD

What was recorded. When exchanges come in, each file of them is committed to in a ledger: a tree of the accounts in it, with
how many exchanges and tokens each had, and below each account a tree of its exchanges. The ledger is an append-only tree of
hashes (RFC 6962), whose head is signed. What a hunt finds is committed to in the same ledger.

What a count is. Exchanges, tokens, first and last time of an account are read from its counts in each batch of the ledger, each
batch once. The operator wrote these counts when the exchanges came in, before anybody was accused. That they are the
sums of the rows can be checked by asking for the rows of an account: they are under the same commitment.

What an e-value is. Each group of accounts is scored by what its members have in common beyond chance, one score for each
family of evidence. A score claims nothing by itself. It is ranked among the scores of honest groups that were formed in the same
way: with G honest groups, being above the b-th largest is worth (G + 1) / b, and the bet is spread as 0.6 on b = 1, 0.25 on
b = 3, 0.15 on b = 10. An honest group has an e-value of at most one on average. The e-value of a group is the mean of three:
two fifths that of its whole score, two fifths that of the family that formed it, tested on items that did not form it, and one fifth that
of its whole score ranked above all honest groups of smaller sizes that it is compared with. The e-value of the campaign is
the mean over the halves of the items, and in each over the groups that say who is in it, weighed by their accounts.
The honest groups' scores are in the verdict, so that all of this is computed again.

Known error rate. Among campaigns that are called discovered, the share of false ones is at most the false discovery rate on
average, if honest groups of the log are like those of the bank (closed e-BH, Wang and Ramdas 2022). That the bank is like the log is
an assumption; it is checked in the middle of the scores, and cannot be at the top.

What is not computed again. The scores themselves, which need all exchanges of the log. Confidence and impact. The
false discovery rate, which depends on every other group. What was served (the leak). Values of account records (cards, devices,
telephone numbers), which the ledger does not hold. claims.json says of each number which it is.

What a proof does not show. That a record is true: the operator recorded it. When it was recorded, unless a witness or a
time-stamping authority signed a head with a time. That there are no further records that would speak for the accounts.
";
