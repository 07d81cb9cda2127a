-- Candidate pairs: accounts of different customers that share values which weigh twelve bits together. A value weighs
-- log2(customers / holders) bits; one that more than fifty customers hold says little of any two of them.
--
-- Needs: tie, registration.
WITH
customer AS (SELECT DISTINCT account, customer FROM registration),
everybody AS (SELECT count(DISTINCT customer) AS customers FROM customer),
held AS (SELECT t.kind, t.value, t.account, c.customer FROM tie t JOIN customer c ON c.account = t.account),
weight AS (
    SELECT h.kind, h.value, log2(CAST(max(e.customers) AS DOUBLE) / count(DISTINCT h.customer)) AS bits
    FROM held h CROSS JOIN everybody e GROUP BY h.kind, h.value HAVING count(DISTINCT h.customer) <= 50
)
SELECT a.account AS one, b.account AS other, count(*) AS shared, sum(w.bits) AS bits
FROM held a
JOIN held b ON b.kind = a.kind AND b.value = a.value AND a.account < b.account AND a.customer <> b.customer
JOIN weight w ON w.kind = a.kind AND w.value = a.value
GROUP BY a.account, b.account HAVING sum(w.bits) >= 12
