'use client';

export { Unexpected as default } from '../features/session/dead-ends.tsx';
