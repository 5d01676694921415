import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { Clock, jstDayOf } from '#libs/kernel';

/** `rights-end`: the last day of the rights. `added` to a department of the city for the first time, or to be registered. */
export const CALENDAR_KINDS = ['added', 'moved', 'changed', 'disabled', 'rights-end'] as const;
export type CalendarKind = (typeof CALENDAR_KINDS)[number];

/** One thing that happens to one member on one day. */
export interface CalendarEntry {
  /** Where a page ended. */
  readonly key: string;
  /** JST, `YYYY-MM-DD`. */
  readonly on: string;
  readonly kind: CalendarKind;
  /** Null for who is not registered yet. */
  readonly memberId: string | null;
  readonly loginId: string;
  readonly displayName: string;
  readonly fromDepartment: string | null;
  readonly toDepartment: string | null;
  /** The planned import that does it. */
  readonly importId: string | null;
}

interface Page {
  /** Key of the last one of the page before; '' for the first page. */
  readonly after: string;
  readonly limit: number;
}

// The days are text from the start: a date would be read in the process's own time zone
const ENTRY = `e.day || ' ' || e.login_id_key || ' ' || e.kind || ' ' || e.place AS key, e.day AS "on", e.kind,
  e.member_id AS "memberId", e.login_id AS "loginId", e.display_name AS "displayName",
  e.from_department AS "fromDepartment", e.to_department AS "toDepartment", e.import_id AS "importId"`;

/** What a code is called when the import has been applied. */
const nameOf = (code: string): string => `coalesce(
  (SELECT n.after->>'name' FROM roster_changes n
   WHERE n.tenant_id = c.tenant_id AND n.import_id = c.import_id AND n.subject = 'department' AND n.key = ${code}),
  (SELECT d.name FROM departments d WHERE d.tenant_id = c.tenant_id AND d.code = ${code}), ${code})`;

const PLANNED = `
  SELECT i.effective_on::text AS day, c.kind, '' AS place, m.id AS member_id, c.key AS login_id,
    lower(c.key) AS login_id_key, c.after->>'displayName' AS display_name,
    ${nameOf(`(c.before->>'departmentCode')`)} AS from_department,
    CASE WHEN c.kind <> 'disabled' THEN ${nameOf(`(c.after->>'departmentCode')`)} END AS to_department, c.import_id
  FROM roster_imports i JOIN roster_changes c ON c.tenant_id = i.tenant_id AND c.import_id = i.id AND c.subject = 'member'
  LEFT JOIN members m ON m.tenant_id = c.tenant_id AND m.login_id = c.key
  WHERE i.tenant_id = $1 AND i.state = 'planned' AND i.effective_on IS NOT NULL`;

const rightsEnding = (which: string): string => `
  SELECT (m.expires_on - 1)::text AS day, 'rights-end' AS kind, '' AS place, m.id AS member_id, m.login_id,
    m.login_id_key, m.display_name, d.name AS from_department, NULL AS to_department, NULL::uuid AS import_id
  FROM members m LEFT JOIN departments d ON d.tenant_id = m.tenant_id AND d.id = m.department_id
  WHERE m.tenant_id = $1 AND ${which}`;

const POSTED = `
  SELECT to_char(p.began_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD') AS day,
    CASE WHEN p.previous IS NULL THEN 'added' ELSE 'moved' END AS kind, to_char(p.began_at, 'HH24MISSUS') AS place,
    m.id AS member_id, m.login_id, m.login_id_key, m.display_name, f.name AS from_department, t.name AS to_department,
    NULL::uuid AS import_id
  FROM (SELECT tenant_id, member_id, department_id, began_at,
          lag(department_id) OVER (PARTITION BY member_id ORDER BY began_at) AS previous
        FROM member_postings WHERE tenant_id = $1) p
  JOIN members m ON m.tenant_id = p.tenant_id AND m.id = p.member_id
  JOIN departments t ON t.tenant_id = p.tenant_id AND t.id = p.department_id
  LEFT JOIN departments f ON f.tenant_id = p.tenant_id AND f.id = p.previous`;

const DISABLED = `
  SELECT to_char(m.left_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD') AS day, 'disabled' AS kind, '' AS place,
    m.id AS member_id, m.login_id, m.login_id_key, m.display_name, d.name AS from_department, NULL AS to_department,
    NULL::uuid AS import_id
  FROM members m LEFT JOIN departments d ON d.tenant_id = m.tenant_id AND d.id = m.department_id
  WHERE m.tenant_id = $1 AND m.status = 'disabled' AND m.left_at IS NOT NULL`;

const UPCOMING = `
  SELECT * FROM (SELECT ${ENTRY} FROM (
    ${PLANNED} UNION ALL ${rightsEnding(`m.status = 'active' AND m.expires_on > $2::date`)}) e) x
  WHERE x.key COLLATE "C" > $3 ORDER BY x.key COLLATE "C" LIMIT $4`;
const PAST = `
  SELECT * FROM (SELECT ${ENTRY} FROM (
    ${POSTED} UNION ALL ${DISABLED} UNION ALL ${rightsEnding('m.expires_on <= $2::date')}) e) x
  WHERE $3 = '' OR x.key COLLATE "C" < $3 ORDER BY x.key COLLATE "C" DESC LIMIT $4`;

/** 異動・利用期限の予定と記録: what is planned to happen to the city's people, and what has happened. */
@Injectable()
export class RosterCalendar {
  constructor(private readonly clock: Clock) {}

  /** The next day first; of planned imports, and of rights that end. */
  upcoming(tx: TenantTransaction, page: Page): Promise<CalendarEntry[]> {
    return this.ask(tx, UPCOMING, page);
  }

  /** The latest day first. */
  past(tx: TenantTransaction, page: Page): Promise<CalendarEntry[]> {
    return this.ask(tx, PAST, page);
  }

  private ask(tx: TenantTransaction, sql: string, { after, limit }: Page): Promise<CalendarEntry[]> {
    return tx.query<CalendarEntry>(sql, [tx.scope.tenantId, jstDayOf(this.clock.now()), after, limit]);
  }
}
