import { type FactorProof, type NewPasskey, type StepUp, unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';

/** The same calls on both planes: a member's own security, and that of one of the vendor's people. */
export const SECURITY = {
  city: {
    finish: (body: FactorProof) => unwrap(api.POST('/api/v1/sessions/current/second-factor', { body })),
    pending: () => unwrap(api.GET('/api/v1/sessions/current')),
    me: () => unwrap(api.GET('/api/v1/me')),
    factors: () => unwrap(api.GET('/api/v1/me/second-factors')),
    begin: () => unwrap(api.POST('/api/v1/me/second-factors')),
    confirm: (body: { id: string; code: string }) =>
      unwrap(api.POST('/api/v1/me/second-factors/confirmations', { body })),
    beginPasskey: () => unwrap(api.POST('/api/v1/me/passkeys/options')),
    addPasskey: (body: NewPasskey) => unwrap(api.POST('/api/v1/me/passkeys', { body })),
    challengePasskeys: () => unwrap(api.POST('/api/v1/sessions/current/passkey-options')),
    remove: (id: string) => unwrap(api.DELETE('/api/v1/me/second-factors/{id}', { params: { path: { id } } })),
    renewCodes: () => unwrap(api.POST('/api/v1/me/recovery-codes')),
    sessions: () => unwrap(api.GET('/api/v1/me/sessions')),
    endOthers: () => unwrap(api.DELETE('/api/v1/me/sessions')),
    endSession: (id: string) => unwrap(api.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } })),
    stepUpMethods: () => unwrap(api.GET('/api/v1/me/step-up')),
    stepUp: (body: StepUp) => unwrap(api.POST('/api/v1/me/step-up', { body })),
  },
  vendor: {
    finish: (body: FactorProof) => unwrap(api.POST('/api/ops/v1/sessions/current/second-factor', { body })),
    pending: () => unwrap(api.GET('/api/ops/v1/sessions/current')),
    me: () => unwrap(api.GET('/api/ops/v1/me')),
    factors: () => unwrap(api.GET('/api/ops/v1/me/second-factors')),
    begin: () => unwrap(api.POST('/api/ops/v1/me/second-factors')),
    confirm: (body: { id: string; code: string }) =>
      unwrap(api.POST('/api/ops/v1/me/second-factors/confirmations', { body })),
    beginPasskey: () => unwrap(api.POST('/api/ops/v1/me/passkeys/options')),
    addPasskey: (body: NewPasskey) => unwrap(api.POST('/api/ops/v1/me/passkeys', { body })),
    challengePasskeys: () => unwrap(api.POST('/api/ops/v1/sessions/current/passkey-options')),
    remove: (id: string) => unwrap(api.DELETE('/api/ops/v1/me/second-factors/{id}', { params: { path: { id } } })),
    renewCodes: () => unwrap(api.POST('/api/ops/v1/me/recovery-codes')),
    sessions: () => unwrap(api.GET('/api/ops/v1/me/sessions')),
    endOthers: () => unwrap(api.DELETE('/api/ops/v1/me/sessions')),
    endSession: (id: string) => unwrap(api.DELETE('/api/ops/v1/me/sessions/{id}', { params: { path: { id } } })),
    stepUpMethods: () => unwrap(api.GET('/api/ops/v1/me/step-up')),
    stepUp: (body: StepUp) => unwrap(api.POST('/api/ops/v1/me/step-up', { body })),
  },
} as const;

export type Plane = keyof typeof SECURITY;
