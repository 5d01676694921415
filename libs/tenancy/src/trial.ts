/**
 * SQL: the last JST day of the trial of a city, a row of tenants called `t`. NULL when it is on none, or no longer: a
 * contract that two people agreed to overtakes the trial on its first day, and nobody has to end it.
 */
export const TRIAL_ENDS_ON = `CASE WHEN t.trial_ends_on IS NOT NULL AND NOT EXISTS (
    SELECT FROM contracts c JOIN contract_terms a ON a.tenant_id = c.tenant_id AND a.contract_id = c.id
    WHERE c.tenant_id = t.id AND a.approved_at IS NOT NULL AND c.starts_on <= (now() AT TIME ZONE 'Asia/Tokyo')::date)
  THEN to_char(t.trial_ends_on, 'YYYY-MM-DD') END`;
