'use client';

import { useQuery } from '@tanstack/react-query';
import { unwrap } from '#libs/api-client';
import type { Choice } from '../../components/field.tsx';
import { api } from '../session/api.ts';
import { departmentTree } from './department-tree.ts';

export const DEPARTMENTS_KEY = ['departments'] as const;

export const useDepartments = () =>
  useQuery({
    queryKey: DEPARTMENTS_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/departments', { signal })),
    select: ({ items }) => departmentTree(items),
  });

/** Departments for a select, by their whole path. What closes takes nobody in any more. */
export const useDepartmentChoices = (): Choice[] =>
  useDepartments()
    .data?.filter(({ closedOn }) => closedOn === null)
    .map(({ id, path }) => ({ value: id, label: path })) ?? [];
