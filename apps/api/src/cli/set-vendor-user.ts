import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { VENDOR_ROLES, VendorDirectory } from '#libs/identity';
import { AppModule } from '../app.module.ts';
import { loadApiConfig } from '../api-config.ts';

const USAGE = `使い方: set-vendor-user <ログインID> <氏名> <${VENDOR_ROLES.join('|')}>`;
const request = z.tuple([z.string().min(1).max(64), z.string().min(1).max(100), z.enum(VENDOR_ROLES)]);

/**
 * Adds a person of the vendor, or gives one who is locked out a new password. The first of them can only come from here:
 * no route makes one. The password is printed once and stored nowhere in the clear.
 */
const parsed = request.safeParse(process.argv.slice(2));
if (parsed.success) {
  const [loginId, displayName, role] = parsed.data;
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(loadApiConfig()), { logger: ['error'] });
  try {
    const password = await app.get(VendorDirectory).ensure({ loginId, displayName, role });
    console.log(`${loginId} の初期パスワード（一度だけ表示されます）: ${password}`);
  } finally {
    await app.close();
  }
} else {
  console.error(USAGE);
  process.exitCode = 2;
}
