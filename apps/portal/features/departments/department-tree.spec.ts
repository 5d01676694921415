import { expect, test } from 'vitest';
import { departmentTree } from './department-tree.ts';

const department = (id: string, code: string, name: string, parentId: string | null = null) => ({
  id,
  code,
  name,
  parentId,
  closedOn: null,
});

test('a department is followed by those under it, siblings by code', () => {
  const tree = departmentTree([
    department('c', '12', '情報政策課', 'a'),
    department('d', '20', '市民部'),
    department('b', '11', '人事課', 'a'),
    department('a', '10', '総務部'),
  ]);
  expect(tree.map(({ path, depth }) => [depth, path])).toEqual([
    [0, '総務部'],
    [1, '総務部 人事課'],
    [1, '総務部 情報政策課'],
    [0, '市民部'],
  ]);
});

test('a department whose parent is not visible is still shown', () => {
  expect(departmentTree([department('c', '12', '情報政策課', 'gone')])).toHaveLength(1);
});
