import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureModules } from './lib/install.mjs';
import { fromRoot, launch } from './lib/root.mjs';

// npm run demo:code -- <login id>: the code that the authenticator of one of the demo's vendor users shows now
await launch(async () => {
  await ensureModules();
  const { Secret, TOTP } = await import('otpauth');
  const file = join(process.env.MOYAI_HOME ?? fromRoot('.moyai'), 'demo.json');
  const { vendor } = JSON.parse(readFileSync(file, 'utf8'));
  const user = vendor.find(({ loginId }) => loginId === process.argv[2]);
  if (!user) {
    console.error(`使い方: npm run demo:code -- <${vendor.map(({ loginId }) => loginId).join('|')}>`);
    return 2;
  }
  const totp = new TOTP({ secret: Secret.fromBase32(user.totpSecret) });
  console.log(`${totp.generate()}（あと${Math.ceil(totp.remaining() / 1000)}秒。1回だけ使えます）`);
});
