export { type ApiClient, createClient, unwrap } from './client.ts';
export { ApiProblem, type Problem, type TransportCode, toProblem } from './problem.ts';
export { type FollowOptions, followJob } from './follow-job.ts';
export { type JobEndEvent, type JobEvent, applyDelta } from './job-events.ts';
export type * from './types.ts';
