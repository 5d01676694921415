import { writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import type { ApiProcessConfig } from '../api-config.ts';
import { AppModule } from '../app.module.ts';
import { permissionTable } from '../access/permission-table.ts';
import { routesOf } from '../access/route-registry.ts';
import { describeApi } from '../http/openapi.ts';

// The routes are the same whatever the settings: nothing is connected to in preview mode.
const NOWHERE = 'postgres://nobody@127.0.0.1:1/none';
const config: ApiProcessConfig = {
  api: {
    host: '127.0.0.1',
    port: 0,
    ingressSecret: '',
    streamSecret: '',
    requestLimits: { perMember: 1, perKey: 1 },
    drainMs: 0,
  },
  database: { appUrl: NOWHERE, admissionUrl: NOWHERE, poolSize: 1 },
  vendorDatabase: { opsUrl: NOWHERE, financeUrl: NOWHERE },
  keyService: { kind: 'local', directory: '' },
  queue: { backend: 'postgres', url: NOWHERE },
  model: { deployments: [], timeouts: { firstTokenMs: 0, tokenGapMs: 0, totalMs: 0, drainMs: 0 } },
  issuer: null,
  sso: { backChannelOrigins: [] },
  mail: { isOn: false },
  reconciliation: { unexplainedUsd: '0', unexplainedPercent: '0' },
  log: { level: 'silent' },
  management: { host: '', port: undefined },
};

/** Writes the API description (openapi.json) and the table of permissions to the files its arguments name. Same routes, same bytes. */
const app = await NestFactory.create(AppModule.forRoot(config), { preview: true, abortOnError: false, logger: false });
const [, , document = 'openapi.json', permissions = 'docs/permissions.md'] = process.argv;
const description = describeApi(app);
writeFileSync(document, `${JSON.stringify(description, null, 2)}\n`);
writeFileSync(permissions, permissionTable(routesOf(description)));
