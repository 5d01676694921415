import { z } from 'zod';
import { VENDOR_ROLES, type VendorActor } from '#libs/identity';
import { instant, instantSchema } from '../http/wire.ts';

export const vendorMe = z
  .object({
    vendorUser: z.object({
      id: z.uuid(),
      loginId: z.string(),
      displayName: z.string(),
      role: z.enum(VENDOR_ROLES),
    }),
    permissions: z.array(z.string()),
    expiresAt: instantSchema,
  })
  .meta({ id: 'VendorMe' });

export const presentVendorMe = (actor: VendorActor): z.infer<typeof vendorMe> => ({
  vendorUser: { id: actor.id, loginId: actor.loginId, displayName: actor.displayName, role: actor.role },
  permissions: [...actor.permissions],
  expiresAt: instant(actor.expiresAt),
});
