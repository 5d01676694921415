CREATE OR REPLACE FUNCTION public.price_book_lock()
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$ SELECT hashtextextended('moyai.price-book', 0) $function$;
