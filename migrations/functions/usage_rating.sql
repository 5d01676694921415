CREATE OR REPLACE FUNCTION public.usage_rating(p_model text, p_accepted_at timestamp with time zone, OUT billing_month date, OUT price_id uuid, OUT fx_rate_id uuid)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
   DECLARE v_currency text;
   BEGIN
     PERFORM pg_advisory_xact_lock_shared(price_book_lock());
     billing_month := date_trunc('month', p_accepted_at AT TIME ZONE 'Asia/Tokyo')::date;
     LOOP
       PERFORM pg_advisory_xact_lock_shared(billing_lock(billing_month));
       EXIT WHEN NOT EXISTS (SELECT FROM billing_periods b WHERE b.month = billing_month AND b.state <> 'open');
       billing_month := (billing_month + interval '1 month')::date;
     END LOOP;
     SELECT p.id, p.currency INTO price_id, v_currency FROM model_prices p
     WHERE p.model = p_model AND p.valid_from <= p_accepted_at AND p.approved_at IS NOT NULL AND p.withdrawn_at IS NULL
     ORDER BY p.valid_from DESC LIMIT 1;
     IF v_currency = 'USD' THEN
       SELECT f.id INTO fx_rate_id FROM fx_rates f
       WHERE f.valid_from <= p_accepted_at AND f.approved_at IS NOT NULL AND f.withdrawn_at IS NULL
       ORDER BY f.valid_from DESC LIMIT 1;
       -- dollars without a rate are no amount in yen: not rated at all
       IF NOT FOUND THEN price_id := NULL; END IF;
     END IF;
   END $function$;
