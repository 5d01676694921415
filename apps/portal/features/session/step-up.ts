import type { Middleware } from 'openapi-fetch';

/** Asks the person at the keyboard; false when they would rather not. */
type Asker = () => Promise<boolean>;

let asker: Asker | null = null;
let asking: Promise<boolean> | null = null;

/** The dialog that is mounted answers for the page. @returns the function that takes it back */
export function answerStepUps(ask: Asker): () => void {
  asker = ask;
  return () => {
    if (asker === ask) asker = null;
  };
}

/** Several requests that are refused at once share one question. */
function askOnce(): Promise<boolean> {
  asking ??= (asker?.() ?? Promise.resolve(false)).finally(() => (asking = null));
  return asking;
}

const isRefusedForProof = async (response: Response): Promise<boolean> => {
  if (response.status !== 403) return false;
  const problem = (await response
    .clone()
    .json()
    .catch(() => null)) as { code?: string } | null;
  return problem?.code === 'IDENTITY.STEP_UP_REQUIRED';
};

/** What the API refuses until it is proven again who asks: asked here, for every call of the page, and then sent again. */
export function stepUpMiddleware(): Middleware {
  const unsent = new Map<string, Request>();
  return {
    onRequest({ id, request }) {
      // A body is read once; what may be sent twice is kept
      unsent.set(id, request.clone());
    },
    async onResponse({ id, response }) {
      const again = unsent.get(id);
      unsent.delete(id);
      if (!again || !(await isRefusedForProof(response)) || !(await askOnce())) return undefined;
      return fetch(again);
    },
    onError({ id }) {
      unsent.delete(id);
    },
  };
}
