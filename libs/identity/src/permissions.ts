/** Everything a route can ask for. `:own` and department limits are the business of whoever reads the rows. */
export const PERMISSIONS = [
  'session:own',
  'job:create',
  'job:read',
  'job:cancel',
  'conversation:read',
  'conversation:write',
  'batch:read',
  'batch:write',
  'model:read',
  'purpose:read',
  'purpose:write',
  'department:read',
  'department:write',
  'member:read',
  'member:write',
  'api-key:read',
  'api-key:write',
  'budget:read',
  'budget:write',
  'top-up:request',
  'top-up:decide',
  'forecast:read',
  'usage:read',
  'audit:read',
  'city:read',
  'city:write',
  'pool:read',
  'pool:write',
  'finance-usage:read',
  'price:read',
  'price:propose',
  'price:approve',
  'usage-import:write',
  'reconciliation:read',
  'reconciliation:write',
  'reconciliation:approve',
  'service-key:read',
  'service-key:write',
  'contract:read',
  'contract:write',
  'contract:approve',
  'budget-item:write',
  'period:read',
  'period:close',
  'invoice:read',
  'invoice:review',
  'invoice:approve',
  'invoice:accept',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const MEMBER_ROLES = ['staff', 'manager', 'admin', 'auditor'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

/** `finance` prepares, and approves what a colleague prepared; `approver` reads and approves only. */
export const VENDOR_ROLES = ['ops', 'finance', 'approver'] as const;
export type VendorRole = (typeof VENDOR_ROLES)[number];

export const API_KEY_SCOPES = ['jobs', 'models'] as const;
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

/** What the vendor's own systems may read; named one by one, so that each is given what it needs. */
export const SERVICE_KEY_SCOPES = ['usage', 'prices', 'contracts', 'invoices', 'reconciliation'] as const;
export type ServiceKeyScope = (typeof SERVICE_KEY_SCOPES)[number];

const CHAT = [
  'job:create',
  'job:read',
  'job:cancel',
  'conversation:read',
  'conversation:write',
  'batch:read',
  'batch:write',
  'model:read',
  'purpose:read',
] as const;

/** The one table of who may do what. Auditors watch and never chat, so that nobody audits their own use. */
export const ROLE_PERMISSIONS: Record<MemberRole, readonly Permission[]> = {
  staff: ['session:own', ...CHAT],
  manager: ['session:own', ...CHAT, 'usage:read', 'budget:read', 'top-up:request', 'department:read'],
  admin: [
    'session:own',
    ...CHAT,
    'purpose:write',
    'department:read',
    'department:write',
    'member:read',
    'member:write',
    'api-key:read',
    'api-key:write',
    'budget:read',
    'budget:write',
    'budget-item:write',
    'top-up:decide',
    'forecast:read',
    'usage:read',
    'audit:read',
    'invoice:read',
    'invoice:accept',
  ],
  auditor: ['session:own', 'usage:read', 'audit:read', 'department:read', 'invoice:read'],
};

export const VENDOR_PERMISSIONS: Record<VendorRole, readonly Permission[]> = {
  ops: ['session:own', 'city:read', 'city:write', 'pool:read', 'pool:write'],
  finance: [
    'session:own',
    'finance-usage:read',
    'price:read',
    'price:propose',
    'price:approve',
    'usage-import:write',
    'reconciliation:read',
    'reconciliation:write',
    'reconciliation:approve',
    'service-key:read',
    'service-key:write',
    'contract:read',
    'contract:write',
    'contract:approve',
    'period:read',
    'period:close',
    'invoice:read',
    'invoice:review',
    'invoice:approve',
  ],
  approver: [
    'session:own',
    'finance-usage:read',
    'price:read',
    'price:approve',
    'reconciliation:read',
    'reconciliation:approve',
    'contract:read',
    'contract:approve',
    'period:read',
    'invoice:read',
    'invoice:approve',
  ],
};

export const SCOPE_PERMISSIONS: Record<ApiKeyScope, readonly Permission[]> = {
  jobs: ['job:create', 'job:read', 'job:cancel', 'batch:read', 'batch:write'],
  models: ['model:read'],
};

/** Reading only: what is decided is decided by people. */
export const SERVICE_SCOPE_PERMISSIONS: Record<ServiceKeyScope, readonly Permission[]> = {
  usage: ['finance-usage:read'],
  prices: ['price:read'],
  contracts: ['contract:read'],
  invoices: ['period:read', 'invoice:read'],
  reconciliation: ['reconciliation:read'],
};
