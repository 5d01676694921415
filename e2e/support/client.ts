import supertest, { type Test } from 'supertest';

/** Someone who speaks HTTP to one listener, with the credentials they carry. */
export class Client {
  constructor(
    readonly origin: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  with(headers: Readonly<Record<string, string>>): Client {
    return new Client(this.origin, { ...this.headers, ...headers });
  }

  /** The same credentials at another door. */
  at(origin: string): Client {
    return new Client(origin, this.headers);
  }

  get(path: string): Test {
    return this.send('get', path);
  }

  post(path: string, body?: object): Test {
    return this.send('post', path, body);
  }

  put(path: string, body: object): Test {
    return this.send('put', path, body);
  }

  patch(path: string, body: object): Test {
    return this.send('patch', path, body);
  }

  delete(path: string): Test {
    return this.send('delete', path);
  }

  send(method: string, path: string, body?: object | string): Test {
    const test = supertest(this.origin)[method as 'post'](path).set(this.headers);
    return body === undefined ? test : test.set('content-type', 'application/json').send(body);
  }

  /** For answers that are read while they arrive. */
  stream(path: string, headers: Readonly<Record<string, string>> = {}, signal?: AbortSignal): Promise<Response> {
    return fetch(`${this.origin}${path}`, { headers: { ...this.headers, ...headers }, signal });
  }
}
