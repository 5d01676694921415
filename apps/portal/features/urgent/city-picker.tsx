'use client';

import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { TextField } from '../../components/field.tsx';

export interface CityChoice {
  id: string;
  code: string;
  name: string;
}

interface CityPickerProps {
  cities: readonly CityChoice[];
  chosen: readonly CityChoice[];
  onChange: (chosen: readonly CityChoice[]) => void;
  error: string | undefined;
}

/** Picks cities out of all, narrowed down by name or by the first digits of the code, which are the prefecture's. */
export function CityPicker({ cities, chosen, onChange, error }: CityPickerProps) {
  const t = useTranslations('urgent');
  const [search, setSearch] = useState('');
  const errorId = useId();
  const found = cities.filter(({ code, name }) => name.includes(search) || code.startsWith(search));
  const toggle = (city: CityChoice): void => {
    const without = chosen.filter(({ id }) => id !== city.id);
    onChange(without.length < chosen.length ? without : [...chosen, city]);
  };
  return (
    <fieldset className="flex flex-col gap-3" aria-describedby={error && errorId}>
      <legend className="mb-2 text-std-16B-170">{t('cities')}</legend>
      <TextField
        label={t('search')}
        hint={t('searchHint')}
        value={search}
        onChange={(event) => setSearch(event.target.value.trim())}
      />
      <div
        role="group"
        aria-label={t('cities')}
        tabIndex={0}
        className="flex max-h-52 flex-col overflow-y-auto rounded-8 border border-solid-gray-420 p-2"
      >
        {found.map((city) => (
          <label key={city.id} className="flex min-h-9 items-center gap-3 px-2 text-std-16N-170 hover:bg-key-50">
            <input
              type="checkbox"
              className="size-5 shrink-0 accent-key-900"
              checked={chosen.some(({ id }) => id === city.id)}
              onChange={() => toggle(city)}
            />
            <span>
              {city.name} <span className="text-dns-14N-130 text-solid-gray-700">{city.code}</span>
            </span>
          </label>
        ))}
        {found.length === 0 && <p className="p-2">{t('searchEmpty')}</p>}
      </div>
      <p role="status" className="text-dns-14N-130 text-solid-gray-700">
        {t('citiesCount', { count: chosen.length })}
      </p>
      {error && (
        <p id={errorId} role="alert" className="text-dns-14N-130 text-error-2">
          {error}
        </p>
      )}
    </fieldset>
  );
}
