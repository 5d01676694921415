import { join } from 'node:path';
import type { NextConfig } from 'next';

// A closed network: neither the build nor the server may call home
process.env.NEXT_TELEMETRY_DISABLED = '1';

const root = join(import.meta.dirname, '../..');

const config: NextConfig = {
  // The portal has no package.json of its own: node_modules and libs/ are two folders up
  turbopack: { root },
  outputFileTracingRoot: root,
  poweredByHeader: false,
  // The image optimizer fetches and converts; the portal shows no picture that would need it
  images: { unoptimized: true },
  // `npm run check` types the portal with the native compiler in a fraction of the time
  typescript: { ignoreBuildErrors: true },
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'x-content-type-options', value: 'nosniff' },
        { key: 'referrer-policy', value: 'same-origin' },
        { key: 'cross-origin-opener-policy', value: 'same-origin' },
        { key: 'permissions-policy', value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=()' },
      ],
    },
  ],
};

export default config;
