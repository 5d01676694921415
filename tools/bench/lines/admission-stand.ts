import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { createDataSource } from '#libs/database';
import { ROOT } from '../../lib/root.mjs';
import { type DatabaseUrls, openDatabase, openRoles } from '../../start/database.ts';
import { Home } from '../../start/home.ts';
import type { LineCity } from './waiting-line.ts';

/** A database as `npm start` makes it, with cities in it and nothing that runs on it. */
export class AdmissionStand implements AsyncDisposable {
  readonly urls: DatabaseUrls;
  readonly postgresPid: number;
  /** Passes every row-level policy: puts jobs in line by the hundred and looks at what happened. */
  readonly everything: DataSource;
  private readonly close: () => Promise<void>;

  private constructor(urls: DatabaseUrls, postgresPid: number, everything: DataSource, close: () => Promise<void>) {
    this.urls = urls;
    this.postgresPid = postgresPid;
    this.everything = everything;
    this.close = close;
  }

  static async open(directory: string): Promise<AdmissionStand> {
    const home = new Home(join(directory, 'home'));
    home.open();
    const secrets = home.secrets();
    const { urls, server } = await openDatabase(home, secrets, {});
    const migrated = spawnSync(process.execPath, [join(ROOT, 'dist', 'migrations', 'migrate.js')], {
      env: { ...process.env, DATABASE_OWNER_URL: urls.owner },
      encoding: 'utf8',
    });
    if (migrated.status !== 0) throw new Error(`migrate: ${migrated.stderr}`);
    await openRoles(urls, secrets, {});
    const everything = await createDataSource(server!.url('moyai'), 8).initialize();
    return new AdmissionStand(urls, server!.pid, everything, async () => {
      await everything.destroy();
      await server!.stop();
    });
  }

  /** Empties the line and the pool, and founds these cities in place of those before. */
  async found(cities: readonly LineCity[]): Promise<void> {
    // Invoices, which no city here has, refuse to go with their city.
    await this.everything.query(
      `SET LOCAL session_replication_role = replica;
       TRUNCATE admission_entries, admission_shares, admission_queues, admission_lines, admission_routes,
         pool_deployments, jobs, api_keys, tenants CASCADE`,
    );
    await this.everything.query('UPDATE admission_clock SET running = 0');
    const ids = cities.map(({ id }) => id);
    await this.everything.query(
      `INSERT INTO tenants SELECT id, (100000 + n)::text, '市', 'active', now(), now()
       FROM unnest($1::uuid[]) WITH ORDINALITY AS t (id, n)`,
      [ids],
    );
    await this.everything.query(
      `INSERT INTO api_keys (tenant_id, id, segment, name, secret_hash, scopes, created_at)
       SELECT id, id, 'lgwan', '鍵', sha256(id::text::bytea), '{jobs}', now() FROM unnest($1::uuid[]) AS id`,
      [ids],
    );
    await this.everything.query(
      'INSERT INTO admission_shares (tenant_id, weight) SELECT * FROM unnest($1::uuid[], $2::numeric[])',
      [ids, cities.map(({ weight }) => weight)],
    );
    await this.everything.query('ANALYZE');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
