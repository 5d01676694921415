export interface SseMessage {
  readonly event: string;
  readonly data: string;
  /** The id in force after this message; undefined while the server has sent none. */
  readonly id: string | undefined;
}

/**
 * Server-sent events from text that arrives in pieces (WHATWG HTML, 9.2.6). A line may be cut anywhere, also between
 * CR and LF, so a trailing CR is held back until the next piece tells whether an LF follows.
 */
export class SseParser {
  private rest = '';
  private event = '';
  private data: string[] = [];
  private id: string | undefined;

  /** Takes the next piece and returns the messages that it completed. */
  push(text: string): SseMessage[] {
    const buffer = this.rest + text;
    const held = buffer.endsWith('\r') ? 1 : 0;
    const lines = buffer.slice(0, buffer.length - held).split(/\r\n|\n|\r/);
    this.rest = (lines.pop() ?? '') + (held ? '\r' : '');
    return lines.flatMap((line) => this.readLine(line));
  }

  private readLine(line: string): SseMessage[] {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return [];
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    if (field === 'data') this.data.push(value);
    if (field === 'id' && !value.includes('\0')) this.id = value;
    return [];
  }

  private dispatch(): SseMessage[] {
    const message = { event: this.event || 'message', data: this.data.join('\n'), id: this.id };
    const isEmpty = this.data.length === 0;
    this.event = '';
    this.data = [];
    return isEmpty ? [] : [message];
  }
}
