import { inject } from 'vitest';

type CityRole = 'staff' | 'manager' | 'admin' | 'auditor';

/** The product as it runs for end-to-end tests, and whom it knows: the contents of `.moyai/demo.json`, with the vendor's people signed in. */
export interface ProvidedStack {
  /** Directory of the installation, in place of `.moyai`. */
  readonly home: string;
  readonly origins: { readonly lgwan: string; readonly my_number: string; readonly vendor: string };
  readonly cities: readonly {
    readonly code: string;
    readonly name: string;
    readonly apiKey: string;
    readonly purposeCode: string;
    readonly members: readonly {
      readonly loginId: string;
      readonly password: string;
      readonly role: CityRole;
      readonly segment: 'lgwan' | 'my_number';
      readonly department: string;
    }[];
  }[];
  readonly vendor: readonly {
    readonly loginId: string;
    readonly password: string;
    readonly role: 'ops' | 'finance' | 'approver';
    /** Base32. */
    readonly totpSecret: string;
    /** Of a session opened for the whole run: a code works once. */
    readonly cookie: string;
  }[];
}

declare module 'vitest' {
  interface ProvidedContext {
    stack: ProvidedStack;
  }
}

/** For `e2e/*.e2e.ts`: the product that tools/test/stack.ts has started once for the run. */
export const runningStack = (): ProvidedStack => inject('stack');
