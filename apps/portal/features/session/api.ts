import { createClient } from '#libs/api-client';

/** The one client of the page: same origin, session by cookie. */
export const api = createClient();
