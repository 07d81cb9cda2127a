-- The values by which an account can be tied to others.
--
-- Needs: exchange, registration. A profile keeps the values with the smallest hashes, so many of each kind; `place` is a
-- value's rank among an account's, and the numbers it is compared with are those of crates/core/profile/src/fold.rs.
WITH
frame AS (
    SELECT account, value, count(*) AS held, row_number() OVER (PARTITION BY account ORDER BY value) AS place
    FROM (SELECT account, explode(frames) AS value FROM exchange) f WHERE value <> 0 GROUP BY account, value
),
prompt AS (SELECT account, count(features) AS prompts FROM exchange GROUP BY account),
phrase AS (
    SELECT account, value, row_number() OVER (PARTITION BY account ORDER BY value) AS place
    FROM (SELECT account, explode(phrases) AS value FROM exchange) p WHERE value <> 0 GROUP BY account, value
),
address AS (
    SELECT account, ip_hash AS value, row_number() OVER (PARTITION BY account ORDER BY ip_hash) AS place
    FROM exchange WHERE ip_hash <> 0 GROUP BY account, ip_hash
),
conversation AS (
    SELECT account, root AS value, count(*) AS held, row_number() OVER (PARTITION BY account ORDER BY root) AS place
    FROM exchange WHERE root <> 0 GROUP BY account, root
),
in_conversations AS (SELECT account, sum(held) AS held FROM conversation WHERE place <= 64 GROUP BY account),
minted AS (
    SELECT account, minted AS value, row_number() OVER (PARTITION BY account ORDER BY minted) AS place
    FROM exchange WHERE minted <> 0 GROUP BY account, minted
),
presented AS (
    SELECT account, presented AS value, row_number() OVER (PARTITION BY account ORDER BY presented) AS place
    FROM exchange WHERE presented <> 0 GROUP BY account, presented
),
answer AS (
    SELECT account, value, row_number() OVER (PARTITION BY account ORDER BY value) AS place
    FROM (SELECT account, explode(answer_quotes) AS value FROM exchange) a WHERE value <> 0 GROUP BY account, value
),
quote AS (
    SELECT account, value, row_number() OVER (PARTITION BY account ORDER BY value) AS place
    FROM (SELECT account, explode(quotes) AS value FROM exchange) q WHERE value <> 0 GROUP BY account, value
),
customer AS (SELECT DISTINCT account, customer FROM registration),
-- Quotes in an account's prompts that are of no answer it was given, as far as its sample of answers can tell.
foreign_quote AS (
    SELECT q.account, q.value FROM quote q
    LEFT JOIN (SELECT account, value FROM answer WHERE place = 129) bound ON bound.account = q.account
    LEFT JOIN (SELECT account, value FROM answer WHERE place <= 128) own
        ON own.account = q.account AND own.value = q.value
    WHERE q.place <= 128 AND own.value IS NULL AND (bound.value IS NULL OR q.value < bound.value)
),
giver AS (
    SELECT DISTINCT a.value, c.customer FROM answer a JOIN customer c ON c.account = a.account WHERE a.place <= 128
),
-- What many were given is nobody's.
own_answer AS (SELECT value FROM giver GROUP BY value HAVING count(*) <= 8),
came_back AS (
    SELECT f.account, g.customer, f.value FROM foreign_quote f
    JOIN giver g ON g.value = f.value JOIN own_answer o ON o.value = f.value
),
-- Two quotes from one to one other: a single run of words may be boilerplate.
returned AS (
    SELECT DISTINCT b.value FROM came_back b
    JOIN (SELECT account, customer FROM came_back GROUP BY account, customer HAVING count(*) >= 2) twice
        ON twice.account = b.account AND twice.customer = b.customer
)
SELECT kind, value, account FROM registration WHERE kind IS NOT NULL
UNION SELECT 9, value, account FROM address WHERE place <= 32
UNION SELECT 13, f.value, f.account FROM frame f JOIN prompt p ON p.account = f.account
    WHERE f.place <= 128 AND f.held >= 2 AND f.held * 20 >= p.prompts
-- A beginning that most exchanges have in common is a fixed text and no conversation.
UNION SELECT 16, c.value, c.account FROM conversation c JOIN in_conversations i ON i.account = c.account
    WHERE c.place <= 64 AND (c.held < 4 OR c.held * 3 <= i.held)
UNION SELECT 17, a.value, a.account FROM answer a JOIN returned r ON r.value = a.value WHERE a.place <= 128
UNION SELECT 17, f.value, f.account FROM foreign_quote f JOIN returned r ON r.value = f.value
UNION SELECT 18, value, account FROM minted WHERE place <= 32
UNION SELECT 18, value, account FROM presented WHERE place <= 32
UNION SELECT 19, value, account FROM phrase WHERE place <= 128
