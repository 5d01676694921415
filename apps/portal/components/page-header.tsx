import type { ReactNode } from 'react';

interface PageHeaderProps {
  title: string;
  lead?: string;
  actions?: ReactNode;
}

export function PageHeader({ title, lead, actions }: PageHeaderProps) {
  return (
    <header className="flex flex-wrap items-end justify-between gap-4">
      <div className="flex min-w-0 grow basis-96 flex-col gap-1">
        <h1 className="text-std-28B-150">{title}</h1>
        {lead && <p className="text-std-16N-170 text-solid-gray-700">{lead}</p>}
      </div>
      {actions && <div className="flex flex-wrap gap-3 print:hidden">{actions}</div>}
    </header>
  );
}
