import { type NextRequest, NextResponse } from 'next/server';

const CITY_LISTENERS = ['lgwan', 'my_number', 'internet'];
const VENDOR_PAGES = /^\/(ops|finance)(\/|$)/;
/** A path no page has, so that the rewrite ends in the ordinary not-found page with status 404. */
const NOWHERE = '/-';

/**
 * Shows each listener its own plane and sets the content security policy. It reads the listener's name alone and proves
 * nothing: what a session may do is decided by the API, which checks the ingress signature.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname } = request.nextUrl;
  const listener = request.headers.get('x-moyai-ingress')?.split('.')[0] ?? '';
  const isVendor = listener === 'vendor';
  if (isVendor && pathname === '/') return new NextResponse(null, { status: 307, headers: { location: '/ops' } });

  const isShown = isVendor
    ? VENDOR_PAGES.test(pathname)
    : CITY_LISTENERS.includes(listener) && !VENDOR_PAGES.test(pathname);
  const policy = contentSecurityPolicy(crypto.randomUUID());
  const headers = new Headers(request.headers);
  // Next reads the nonce out of this request header and puts it on the scripts and styles it renders
  headers.set('content-security-policy', policy);
  const response = isShown
    ? NextResponse.next({ request: { headers } })
    : NextResponse.rewrite(new URL(NOWHERE, request.url), { request: { headers } });
  response.headers.set('content-security-policy', policy);
  return response;
}

/** A model's answer is hostile text: even if it became markup, nothing could be loaded from, or sent to, another origin. */
function contentSecurityPolicy(nonce: string): string {
  // React needs eval for its stack traces in development only
  const evaluate = process.env.NODE_ENV === 'development' ? " 'unsafe-eval'" : '';
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${evaluate}`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'none'",
    "worker-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export const config = { matcher: '/((?!api/|_next/static/|icon.svg).*)' };
