-- Values that enough customers hold, with the accounts that hold them: two to eight of what was handed over, three and more of
-- the rest.
--
-- Needs: observable, registration.
SELECT o.kind, o.value, o.account FROM observable o
JOIN (
    SELECT o.kind, o.value FROM observable o
    JOIN (SELECT DISTINCT account, customer FROM registration) c ON c.account = o.account
    GROUP BY o.kind, o.value
    HAVING count(DISTINCT c.customer) >= CASE WHEN o.kind IN (16, 17, 18) THEN 2 ELSE 3 END
       AND (o.kind NOT IN (16, 17, 18) OR count(DISTINCT c.customer) <= 8)
) shared ON shared.kind = o.kind AND shared.value = o.value
