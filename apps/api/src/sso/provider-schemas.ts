import { z } from 'zod';
import {
  type IdentityProvider,
  type LinkedMember,
  MAX_METADATA_CHARACTERS,
  OIDC_FLOWS,
  PROVIDER_KINDS,
  addressesOf,
  certificatesOf,
} from '#libs/sso';
import { changeOf, instant, instantSchema, nameSchema, pageOf, segmentSchema } from '../http/wire.ts';

const attributeName = z.string().trim().min(1).max(200).nullable();
const MAX_DEPARTMENT_CODES = 1_000;
const departmentCodes = z
  .record(z.string().min(1).max(500), z.string().min(1).max(64))
  .refine((codes) => Object.keys(codes).length <= MAX_DEPARTMENT_CODES, '所属の対応は1,000件までです。');

const rules = {
  enabled: z.boolean(),
  vouchesForMfa: z.boolean(),
  createsMembers: z.boolean(),
  linksByLoginId: z.boolean(),
  loginIdAttribute: attributeName,
  displayNameAttribute: attributeName,
  departmentAttribute: attributeName,
  departmentCodes,
};

const certificate = z.object({
  fingerprint: z.string(),
  subject: z.string(),
  validFrom: instantSchema,
  validTo: instantSchema,
  state: z.enum(['valid', 'ends-soon', 'expired', 'not-yet-valid']),
});

const testResult = z.object({
  at: instantSchema,
  code: z.string().nullable(),
  identity: z
    .object({
      subject: z.string(),
      loginId: z.string().nullable(),
      displayName: z.string().nullable(),
      departmentCode: z.string().nullable(),
    })
    .nullable(),
});

export const identityProvider = z
  .object({
    id: z.uuid(),
    kind: z.enum(PROVIDER_KINDS),
    name: z.string(),
    segment: segmentSchema,
    ...rules,
    /** Null until metadata is uploaded. */
    configured: z
      .object({
        issuer: z.string(),
        signOnUrl: z.string(),
        clientId: z.string().nullable(),
        flow: z.enum(OIDC_FLOWS).nullable(),
        hasClientSecret: z.boolean(),
      })
      .nullable(),
    certificates: z.array(certificate),
    lastTest: testResult.nullable(),
    /** What the identity provider must know of us. */
    addresses: z.object({ entityId: z.string(), assertionConsumer: z.string(), callback: z.string() }),
    createdAt: instantSchema,
  })
  .meta({ id: 'IdentityProvider' });

export const identityProviders = z.object({ items: z.array(identityProvider) }).meta({ id: 'IdentityProviders' });

export const createProvider = z
  .strictObject({ kind: z.enum(PROVIDER_KINDS), name: nameSchema })
  .meta({ id: 'CreateIdentityProvider' });
export const changeProvider = changeOf('ChangeIdentityProvider', { name: nameSchema, ...rules });

export const configureSaml = z
  .strictObject({ metadata: z.string().min(1).max(MAX_METADATA_CHARACTERS) })
  .meta({ id: 'ConfigureSaml' });
export const configureOidc = z
  .strictObject({
    metadata: z.string().min(1).max(MAX_METADATA_CHARACTERS),
    keys: z.string().min(1).max(MAX_METADATA_CHARACTERS),
    clientId: z.string().trim().min(1).max(300),
    clientSecret: z.string().min(1).max(1_000).nullish(),
    flow: z.enum(OIDC_FLOWS),
  })
  .meta({ id: 'ConfigureOidc' });

const linkedMember = z
  .object({
    memberId: z.uuid(),
    loginId: z.string(),
    displayName: z.string(),
    subject: z.string(),
    linkedAt: instantSchema,
  })
  .meta({ id: 'LinkedMember' });
export const linkedMembers = pageOf('LinkedMemberPage', linkedMember);
export const linkMember = z.strictObject({ subject: z.string().min(1).max(500) }).meta({ id: 'LinkMember' });
export const linkParams = z.strictObject({ id: z.uuid(), memberId: z.uuid() });

export const presentLinked = ({ linkedAt, ...row }: LinkedMember): z.infer<typeof linkedMember> => ({
  ...row,
  linkedAt: instant(linkedAt),
});

export function presentProvider(provider: IdentityProvider, now: Date): z.infer<typeof identityProvider> {
  const { settings, hasClientSecret, origin: _, createdAt, lastTest, ...row } = provider;
  const oidc = settings?.kind === 'oidc' ? settings : null;
  return {
    ...row,
    departmentCodes: { ...row.departmentCodes },
    configured: settings && {
      issuer: settings.kind === 'oidc' ? settings.issuer : settings.entityId,
      signOnUrl: settings.kind === 'oidc' ? settings.authorizationEndpoint : settings.signOnUrl,
      clientId: oidc?.clientId ?? null,
      flow: oidc?.flow ?? null,
      hasClientSecret,
    },
    certificates: certificatesOf(settings, now).map(({ validFrom, validTo, ...rest }) => ({
      ...rest,
      validFrom: instant(validFrom),
      validTo: instant(validTo),
    })),
    lastTest,
    addresses: addressesOf(provider),
    createdAt: instant(createdAt),
  };
}
