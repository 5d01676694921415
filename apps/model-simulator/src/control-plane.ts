import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { costReport, costReportRequest } from './cost-report.ts';
import { type BehaviourControl, behaviourSchema } from './behaviour.ts';
import type { Ledger } from './ledger.ts';
import type { QuotaBook } from './quota/quota-book.ts';
import { quotasSchema, scalesSchema } from './quota/quota-settings.ts';
import { readJson } from './read-json.ts';
import { sendJson } from './serve-call.ts';

const LEDGER_ENTRY = /^\/_simulator\/ledger\/([^/]+)$/;

/** What tests and operators talk to under `/_simulator`: behaviour and quotas in, ledger and figures out. */
export class ControlPlane {
  constructor(
    private readonly control: BehaviourControl,
    private readonly quotas: QuotaBook,
    private readonly ledger: Ledger,
  ) {}

  /** Serves one request; 404 for what is not here, 400 with the faults for a setting that does not fit. */
  async serve(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${url.pathname}`;
    const callId = LEDGER_ENTRY.exec(url.pathname)?.[1];
    if (request.method === 'GET' && callId !== undefined)
      return this.sendAttempts(decodeURIComponent(callId), response);
    switch (route) {
      case 'GET /_simulator/behaviour':
        return sendJson(response, 200, this.control.current);
      case 'PUT /_simulator/behaviour':
        return this.setBehaviour(request, response);
      case 'GET /_simulator/quotas':
        return sendJson(response, 200, this.quotas.overview());
      case 'PUT /_simulator/quotas':
        return this.setQuotas(request, response);
      case 'PATCH /_simulator/quotas':
        return this.scaleQuotas(request, response);
      case 'GET /_simulator/ledger':
        return this.sendLedger(url.searchParams.get('since') ?? undefined, response);
      case 'DELETE /_simulator/ledger':
        this.ledger.reset();
        response.writeHead(204).end();
        return;
      case 'POST /_simulator/cost-report':
        return this.sendCostReport(request, response);
      case 'GET /_simulator/stats':
        return sendJson(response, 200, this.ledger.stats());
      default:
        return sendJson(response, 404, { message: 'no such control' });
    }
  }

  private async setBehaviour(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = behaviourSchema.safeParse(await readJson(request));
    if (!parsed.success) return sendJson(response, 400, { message: z.prettifyError(parsed.error) });
    this.control.replace(parsed.data);
    sendJson(response, 200, this.control.current);
  }

  private async setQuotas(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = quotasSchema.safeParse(await readJson(request));
    if (!parsed.success) return sendJson(response, 400, { message: z.prettifyError(parsed.error) });
    this.quotas.replace(parsed.data);
    sendJson(response, 200, this.quotas.overview());
  }

  private async scaleQuotas(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = scalesSchema.safeParse(await readJson(request));
    if (!parsed.success) return sendJson(response, 400, { message: z.prettifyError(parsed.error) });
    const factors = new Map(Object.entries(parsed.data).map(([key, { factor }]) => [key, factor]));
    const unknown = this.quotas.scale(factors);
    if (unknown.length > 0) return sendJson(response, 404, { message: `no quota is set for ${unknown.join(', ')}` });
    sendJson(response, 200, this.quotas.overview());
  }

  private sendLedger(since: string | undefined, response: ServerResponse): void {
    const from = since === undefined ? undefined : Date.parse(since);
    if (Number.isNaN(from)) return sendJson(response, 400, { message: 'since is not an ISO-8601 instant' });
    sendJson(response, 200, { items: this.ledger.list(from === undefined ? from : new Date(from).toISOString()) });
  }

  private async sendCostReport(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = costReportRequest.safeParse(await readJson(request));
    if (!parsed.success) return sendJson(response, 400, { message: z.prettifyError(parsed.error) });
    response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' });
    response.end(costReport(this.ledger.list(), parsed.data));
  }

  private sendAttempts(callId: string, response: ServerResponse): void {
    const items = this.ledger.attemptsOf(callId);
    if (items.length === 0) return sendJson(response, 404, { message: 'no such call' });
    sendJson(response, 200, { callId, items });
  }
}
