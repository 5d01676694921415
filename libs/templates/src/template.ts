import type { MemberActor } from '#libs/identity';

/** Who may use a template: its maker, everybody posted in a department or below it, or everybody in the city. */
export const AUDIENCES = ['own', 'department', 'city'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** Characters of each text; a body is as long as a batch's prompt may be. */
export const TEMPLATE_SIZES = { title: 100, note: 500, body: 20_000 } as const;

/** A form of more places is no longer filled in by hand. */
export const PLACES = { most: 20, nameCharacters: 50 } as const;

/** How many there may be on a network of one member, of one department, and of the city. */
export const TEMPLATES_AT_MOST: Record<Audience, number> = { own: 200, department: 200, city: 500 };

/** What people write of it. */
export interface TemplateWords {
  readonly title: string;
  readonly body: string;
  /** On its use. */
  readonly note: string | null;
}

export interface Template extends TemplateWords {
  readonly id: string;
  readonly audience: Audience;
  readonly departmentId: string | null;
  readonly departmentName: string | null;
  /** Whether who asks may change and delete it. */
  readonly canChange: boolean;
  /** Whose it was before, where it was handed over. */
  readonly handedOverFrom: string | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NewTemplate extends TemplateWords {
  readonly id: string;
  readonly audience: Audience;
  /** For a department's; the own one unless it is said. */
  readonly departmentId?: string | undefined;
}

/** What is asked of a member who uses templates. */
export type TemplateUser = Pick<MemberActor, 'type' | 'id' | 'scope' | 'role' | 'department'>;

/** Whose a template is; both null for the city's. */
export interface TemplateOwner {
  readonly memberId: string | null;
  readonly departmentId: string | null;
}

export const audienceOf = ({ memberId, departmentId }: TemplateOwner): Audience => {
  if (memberId !== null) return 'own';
  return departmentId === null ? 'city' : 'department';
};

/** One's own; a department's for its manager; all that is published for administrators. */
export function mayChange({ id, role, department }: TemplateUser, { memberId, departmentId }: TemplateOwner): boolean {
  if (memberId !== null) return memberId === id;
  if (role === 'admin') return true;
  return role === 'manager' && departmentId !== null && departmentId === department?.id;
}
