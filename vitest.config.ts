import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const SERVICES = ['**/*.db.spec.ts', '**/*.http.spec.ts', '**/*.queue.spec.ts'];
const IGNORED = ['**/node_modules/**', 'dist/**', 'apps/portal/.next/**'];
const resolve = { conditions: ['source'] };
/** A million random cases on demand: `PROPERTY_RUNS=1000000 npm test -- libs/billing`. */
const provide = { propertyRuns: Number(process.env['PROPERTY_RUNS']) || null };
const ssr = { resolve: { conditions: ['source'], externalConditions: ['source'] } };

/**
 * Three kinds of proof: pure rules, code on real PostgreSQL and Redis, and the whole product over HTTP and in a browser.
 * No retries anywhere: a test that sometimes fails is a defect of the test or of the product.
 */
export default defineConfig({
  test: {
    provide,
    // Most files wait for PostgreSQL most of the time: as many at once as there are processors, not one fewer
    maxWorkers: availableParallelism(),
    projects: [
      {
        resolve,
        ssr,
        test: { name: 'unit', include: ['**/*.spec.ts', '**/*.spec.tsx'], exclude: [...IGNORED, ...SERVICES] },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'services',
          include: SERVICES,
          exclude: IGNORED,
          globalSetup: ['tools/test/services.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.ts'],
          globalSetup: ['tools/test/stack.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // One running product, one browser: files take turns
          fileParallelism: false,
        },
      },
    ],
  },
});
