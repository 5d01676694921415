import type { Me, VendorMe } from '#libs/api-client';

/** Pages of everyday work beside the chat. */
export const WORK_PAGES = [
  { page: 'batches', href: '/batches', permission: 'batch:read' },
  { page: 'templates', href: '/templates', permission: 'template:read' },
  { page: 'priceList', href: '/prices', permission: 'session:own' },
] as const;

/** Pages of the navigation, each with the permission without which it would only show a refusal. */
export const ADMIN_PAGES = [
  { page: 'firstSteps', href: '/admin/first-steps', permission: 'member:write' },
  { page: 'members', href: '/admin/members', permission: 'member:read' },
  { page: 'transfers', href: '/admin/transfers', permission: 'handover:read' },
  { page: 'identityProviders', href: '/admin/sign-in', permission: 'identity-provider:read' },
  { page: 'departments', href: '/admin/departments', permission: 'department:read' },
  { page: 'purposes', href: '/admin/purposes', permission: 'purpose:write' },
  { page: 'networks', href: '/admin/segments', permission: 'segment:read' },
  { page: 'budget', href: '/admin/budget', permission: 'budget:read' },
  { page: 'forecast', href: '/admin/forecast', permission: 'forecast:read' },
  { page: 'estimate', href: '/admin/estimate', permission: 'forecast:read' },
  { page: 'usage', href: '/admin/usage', permission: 'usage:read' },
  { page: 'cityInvoices', href: '/admin/invoices', permission: 'invoice:read' },
  { page: 'audit', href: '/admin/audit', permission: 'audit:read' },
  { page: 'vendorAccess', href: '/admin/vendor-access', permission: 'content-access:read' },
  { page: 'apiKeys', href: '/admin/api-keys', permission: 'api-key:read' },
  { page: 'cityExit', href: '/admin/exit', permission: 'data-export:read' },
] as const;

export const OPERATION_PAGES = [
  { page: 'cities', href: '/ops', permission: 'city:read' },
  { page: 'pool', href: '/ops/pool', permission: 'pool:read' },
  { page: 'shares', href: '/ops/shares', permission: 'pool:read' },
  { page: 'urgent', href: '/ops/urgent', permission: 'pool:read' },
  { page: 'maintenance', href: '/ops/notices', permission: 'maintenance:announce' },
  { page: 'mails', href: '/ops/mails', permission: 'mail:read' },
  { page: 'contentAccesses', href: '/ops/content-accesses', permission: 'content-access:ask' },
  { page: 'vendorPeople', href: '/ops/people', permission: 'vendor-user:read' },
] as const;

export const FINANCE_PAGES = [
  { page: 'finance', href: '/finance', permission: 'finance-usage:read' },
  { page: 'contracts', href: '/finance/contracts', permission: 'contract:read' },
  { page: 'periods', href: '/finance/periods', permission: 'period:read' },
  { page: 'invoices', href: '/finance/invoices', permission: 'invoice:read' },
  { page: 'prices', href: '/finance/prices', permission: 'price:read' },
  { page: 'reconciliation', href: '/finance/reconciliation', permission: 'reconciliation:read' },
  { page: 'serviceKeys', href: '/finance/service-keys', permission: 'service-key:read' },
] as const;

interface Holder {
  readonly permissions: readonly string[];
}

/** What the navigation offers. It hides, it does not guard: every call is decided by the API. */
export const can = (holder: Holder, permission: string): boolean => holder.permissions.includes(permission);
export const canChat = (me: Me): boolean => can(me, 'job:create');

const firstOf = (pages: readonly { href: string; permission: string }[], holder: Holder): string =>
  pages.find(({ permission }) => can(holder, permission))?.href ?? '/';

/** Where a person lands after signing in: the chat; the trail for an auditor, who has no chat; else what may be seen. */
export function homeOf(me: Me): string {
  if (canChat(me)) return '/';
  return can(me, 'audit:read') ? '/admin/audit' : firstOf(ADMIN_PAGES, me);
}
export const vendorHomeOf = (me: VendorMe): string => firstOf([...OPERATION_PAGES, ...FINANCE_PAGES], me);
