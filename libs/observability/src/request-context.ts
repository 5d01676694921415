import { AsyncLocalStorage } from 'node:async_hooks';

/** Whose work the current asynchronous call belongs to. Every log line carries it. */
export interface RequestContext {
  requestId?: string;
  tenantId?: string;
  jobId?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs work, and everything it starts, under a context that adds to the present one. */
export const runInContext = <Result>(context: RequestContext, work: () => Result): Result =>
  storage.run({ ...storage.getStore(), ...context }, work);

/** The context of the current call; empty outside any. */
export const currentContext = (): Readonly<RequestContext> => storage.getStore() ?? {};

/** Adds what became known on the way, for example the tenant once the session is read. Outside a context it does nothing. */
export const extendContext = (known: RequestContext): void => void Object.assign(storage.getStore() ?? {}, known);
