import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { ContentSeal, LocalKeyService, TenantDatabase, createDataSource } from '#libs/database';
import { tenantId } from '#libs/kernel';
import { Home } from '../../start/home.ts';
import { poll } from '../../services/processes.ts';
import type { RunningProduct } from '../../services/running-product.ts';
import { type VendorPerson, codeOf, vendorSession } from '../../services/vendor-sign-in.ts';
import { HttpConnection, HttpRefusal } from '../load/http-connection.ts';
import { fillCity } from '../load/rows-of-city.ts';

const CODE = '480011';
const NAME = '計測退会市';
const PATIENCE_MS = 1_800_000;
const LOOK_EVERY_MS = 200;

interface Exit {
  readonly id: string;
  readonly state: string;
  readonly phase: string | null;
  readonly fault: string | null;
  readonly findings: readonly object[];
}

/** What the vendor certifies of it, as far as it is looked at here. */
export interface Certificate {
  readonly removed: readonly { readonly place: string; readonly count: number }[];
  readonly scan: { readonly places: number; readonly values: number; readonly found: number };
}

/** A city of a running product that leaves, step by step as its people and the vendor's take them over HTTP. */
export class LeavingCity implements AsyncDisposable {
  readonly id: string;
  /** Passes every wall. */
  readonly everything: Client;
  private readonly product: RunningProduct;
  private readonly vendor: HttpConnection;
  private readonly operator: VendorPerson;
  private readonly session: { readonly cookie: string };
  private exitId = '';

  private constructor(
    product: RunningProduct,
    everything: Client,
    vendor: HttpConnection,
    operator: VendorPerson,
    entry: { session: { cookie: string }; id: string },
  ) {
    this.product = product;
    this.everything = everything;
    this.vendor = vendor;
    this.operator = operator;
    this.session = entry.session;
    this.id = entry.id;
  }

  /** Takes it on, and has it agree to leave. */
  static async open(product: RunningProduct, city: HttpConnection): Promise<LeavingCity> {
    const { origins, vendor: people } = product.demo;
    const operator = people.find(({ role }) => role === 'ops')!;
    const vendor = new HttpConnection(origins.vendor);
    const session = { cookie: await vendorSession(origins.vendor, operator) };
    const first = { loginId: 'first-admin', displayName: '管理 一郎' };
    const begun = { code: CODE, name: NAME, monthlyLimitTokens: 1_000_000_000, firstAdmin: first };
    const made = await vendor.json<{ city: { id: string }; invitation: { token: string } }>(
      'POST',
      '/api/ops/v1/cities',
      session,
      begun,
    );
    const password = randomBytes(18).toString('base64url');
    await city.json(
      'POST',
      '/api/v1/invitation-acceptances',
      {},
      { token: made.invitation.token, newPassword: password },
    );
    const admin = await city.signIn('/api/v1/sessions', { cityCode: CODE, loginId: first.loginId, password });
    const everything = new Client({ connectionString: urlOf(product, 'postgres') });
    await everything.connect();
    const leaving = new LeavingCity(product, everything, vendor, operator, { session, id: made.city.id });
    const plan = { cityId: leaving.id, reason: '計測' };
    leaving.exitId = (await vendor.json<Exit>('POST', '/api/ops/v1/city-exits', session, plan)).id;
    await city.json('POST', '/api/v1/exit/agree', admin);
    return leaving;
  }

  /** @param rows of its own; as many of other cities lie among them */
  async fill(rows: number): Promise<void> {
    const app = await createDataSource(urlOf(this.product, 'moyai_app'), 1).initialize();
    try {
      const keys = new LocalKeyService(new Home(this.product.home).keyDirectory);
      const scope = { tenantId: tenantId(this.id), segment: 'lgwan' } as const;
      const seal = await new ContentSeal(new TenantDatabase(app), keys).forTenant(scope);
      await fillCity(this.everything, seal, this.id, rows);
    } finally {
      await app.destroy();
    }
  }

  /** From the freeze to the archive. @returns milliseconds */
  async export(): Promise<number> {
    await this.proveAgain();
    const beganAt = performance.now();
    await this.step('freeze');
    await this.reaches(({ state }) => state === 'exported');
    return performance.now() - beganAt;
  }

  /** As if the waiting period were over, from the beginning of the deletion to the certificate. */
  async remove(): Promise<{ readonly removalMs: number; readonly scanMs: number; readonly certificate: Certificate }> {
    await this.step('hand-over', { note: '計測のため' });
    await this.everything.query('UPDATE city_exits SET delete_from = current_date - 1 WHERE id = $1', [this.exitId]);
    await this.proveAgain();
    const beganAt = performance.now();
    await this.step('delete', { cityName: NAME });
    await this.reaches(({ state, phase }) => phase === 'scan' || state === 'deleted');
    const scanAt = performance.now();
    await this.reaches(({ state }) => state === 'deleted');
    const endedAt = performance.now();
    const certificate = await this.vendor.json<Certificate>('GET', this.path('certificate.json'), this.session);
    return { removalMs: scanAt - beganAt, scanMs: endedAt - scanAt, certificate };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.vendor[Symbol.dispose]();
    await this.everything.end();
  }

  private reaches(isThere: (exit: Exit) => boolean): Promise<Exit> {
    const look = async () => {
      const exit = await this.vendor.json<Exit>('GET', `/api/ops/v1/city-exits/${this.exitId}`, this.session);
      if (exit.fault) throw new Error(`${exit.fault}: ${JSON.stringify(exit.findings)}`);
      return isThere(exit) ? exit : undefined;
    };
    return poll('the exit', PATIENCE_MS, look, LOOK_EVERY_MS);
  }

  private step(name: string, body?: object): Promise<Exit> {
    return this.vendor.json<Exit>('POST', this.path(name), this.session, body);
  }

  private path(name: string): string {
    return `/api/ops/v1/city-exits/${this.exitId}/${name}`;
  }

  /** What is dangerous asks again who is there. A code that is spent opened the session half a minute ago. */
  private async proveAgain(): Promise<void> {
    const { password, totpSecret } = this.operator;
    const proof = { method: 'totp', code: codeOf(totpSecret) };
    await this.vendor
      .json('POST', '/api/ops/v1/me/step-up', this.session, { password, proof })
      .catch((error: unknown) => {
        if (!(error instanceof HttpRefusal) || error.status !== 422) throw error;
      });
  }
}

function urlOf({ home, record }: RunningProduct, role: 'postgres' | 'moyai_app'): string {
  const secrets = JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8')) as Record<string, string>;
  const password = encodeURIComponent(secrets[role === 'postgres' ? 'databasePassword' : 'rolePassword']!);
  return `postgres://${role}:${password}@127.0.0.1:${record.ports['postgres']}/moyai`;
}
