import { type NextRequest, NextResponse } from 'next/server';
import { planeOf } from './listener.ts';

/** Leads the vendor to its own first page and sets the content security policy of every page. */
export function proxy(request: NextRequest): NextResponse {
  const url = request.nextUrl.clone();
  if (url.pathname === '/' && planeOf(request.headers) === 'vendor') {
    url.pathname = '/ops';
    return NextResponse.redirect(url);
  }
  const policy = contentSecurityPolicy(crypto.randomUUID());
  const headers = new Headers(request.headers);
  // Next reads the nonce out of this request header and puts it on the scripts and styles it renders
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
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
