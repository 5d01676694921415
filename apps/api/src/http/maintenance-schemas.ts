import { z } from 'zod';
import { type MaintenanceNotice, NOTICE_SEVERITIES } from '#libs/notices';
import { instant, instantSchema } from './wire.ts';

/** What everybody may read of maintenance that was announced. */
export const maintenanceNotice = z.object({
  id: z.uuid(),
  severity: z.enum(NOTICE_SEVERITIES),
  title: z.string(),
  body: z.string(),
  startsAt: instantSchema,
  endsAt: instantSchema,
});

export const maintenanceNotices = z
  .object({ items: z.array(maintenanceNotice.meta({ id: 'MaintenanceNotice' })) })
  .meta({ id: 'MaintenanceNotices' });

export const presentMaintenance = (notice: MaintenanceNotice): z.infer<typeof maintenanceNotice> => ({
  id: notice.id,
  severity: notice.severity,
  title: notice.title,
  body: notice.body,
  startsAt: instant(notice.startsAt),
  endsAt: instant(notice.endsAt),
});
