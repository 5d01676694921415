/** When the rights of a member `m` end, in SQL: 00:00 in Japan of the day they end on. Null: they do not. */
export const RIGHTS_END_AT = `m.expires_on::timestamp AT TIME ZONE 'Asia/Tokyo'`;
