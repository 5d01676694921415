import { ApiProblem, type CostReport, toProblem } from '#libs/api-client';

const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Sends a cost report as it is and tells how far it is: fetch cannot. One that is too large is not sent at all.
 * @param onProgress part of the bytes that are sent, 0 to 1
 * @throws ApiProblem
 */
export function uploadReport(month: string, file: File, onProgress: (part: number) => void): Promise<CostReport> {
  if (file.size > MAX_BYTES)
    return Promise.reject(new ApiProblem({ title: '', status: 413, code: 'RECONCILIATION.FILE_TOO_LARGE' }));
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/finance/v1/cost-reports?month=${encodeURIComponent(month)}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('x-file-name', encodeURIComponent(file.name.toWellFormed()));
    request.responseType = 'json';
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0));
    request.addEventListener('error', (event) => reject(ApiProblem.unreachable(event)));
    request.addEventListener('load', () => {
      const body: unknown = request.response;
      if (request.status === 201) resolve(body as CostReport);
      else reject(toProblem(body, request.status));
    });
    request.send(file);
  });
}
