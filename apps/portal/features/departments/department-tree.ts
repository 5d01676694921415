import type { Department } from '#libs/api-client';

export interface DepartmentNode extends Department {
  /** 0 for a department that belongs to no other. */
  readonly depth: number;
  /** Names from the top down, as a city hall writes it: 総務部 情報政策課. */
  readonly path: string;
}

/** Departments in the order of their tree, each followed by those under it; siblings by code. */
export function departmentTree(departments: readonly Department[]): DepartmentNode[] {
  const known = new Set(departments.map(({ id }) => id));
  const under = Map.groupBy(
    departments.toSorted((a, b) => a.code.localeCompare(b.code)),
    // One whose parent is not in the list stands at the top rather than vanishing
    ({ parentId }) => (parentId && known.has(parentId) ? parentId : null),
  );
  const walk = (parentId: string | null, depth: number, above: string): DepartmentNode[] =>
    (under.get(parentId) ?? []).flatMap((department) => {
      const path = above ? `${above} ${department.name}` : department.name;
      return [{ ...department, depth, path }, ...walk(department.id, depth + 1, path)];
    });
  return walk(null, 0, '');
}
