'use client';

import { useQuery } from '@tanstack/react-query';
import { unwrap } from '#libs/api-client';
import type { Choice } from '../../components/field.tsx';
import { api } from '../session/api.ts';
import { departmentTree } from './department-tree.ts';

export const DEPARTMENTS_KEY = ['departments'] as const;

/** @param isWanted false for who may not read them, or needs none */
export const useDepartments = (isWanted = true) =>
  useQuery({
    queryKey: DEPARTMENTS_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/departments', { signal })),
    enabled: isWanted,
    select: ({ items }) => departmentTree(items),
  });

/** Departments for a select, by their whole path. What closes takes nobody in any more. */
export const useDepartmentChoices = (isWanted = true): Choice[] =>
  useDepartments(isWanted)
    .data?.filter(({ closedOn }) => closedOn === null)
    .map(({ id, path }) => ({ value: id, label: path })) ?? [];
