import { createClient } from '#libs/api-client';
import { stepUpMiddleware } from './step-up.ts';

/** The one client of the page: same origin, session by cookie. */
export const api = createClient();
api.use(stepUpMiddleware());
