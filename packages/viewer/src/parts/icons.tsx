import type { ReactNode } from 'react';

const DRAWINGS = {
  'chevron-right': <path d="m6 3.5 4.5 4.5L6 12.5" />,
  'chevron-up': <path d="M3.5 10 8 5.500 12.5 10" />,
  'chevron-down': <path d="M3.5 6 8 10.5 12.5 6" />,
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M3 8h10" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.500H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.500h1.5" />
    </>
  ),
  check: <path d="m3 8.5 3.5 3.500L13 4.5" />,
  stop: <rect x="4" y="4" width="8" height="8" rx="1" fill="currentColor" />,
  alert: (
    <>
      <path d="M8 2.2 14.5 13.500h-13Z" />
      <path d="M8 6.500v3.200M8 11.700v.1" />
    </>
  ),
  info: (
    <>
      <circle cx="8" cy="8" r="5.800" />
      <path d="M8 7.300v3.600M8 5v.1" />
    </>
  ),
  clock: (
    <>
      <circle cx="8" cy="8" r="5.800" />
      <path d="M8 4.700V8l2.300 1.500" />
    </>
  ),
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.500v1.300M8 13.200v1.300M1.5 8h1.300M13.2 8h1.300M3.4 3.400l.9.9M11.7 11.700l.9.9M12.6 3.400l-.9.9M4.3 11.700l-.9.9" />
    </>
  ),
  moon: <path d="M13.5 9.700A5.8 5.8 0 0 1 6.3 2.500a5.8 5.8 0 1 0 7.2 7.200Z" />,
  device: (
    <>
      <rect x="2" y="3" width="12" height="8" rx="1.2" />
      <path d="M6 13.500h4" />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.200" />
      <path d="m10.2 10.200 3.300 3.300" />
    </>
  ),
  keyboard: (
    <>
      <rect x="1.5" y="4" width="13" height="8.500" rx="1.500" />
      <path d="M4 6.700h.1M6.6 6.700h.1M9.300 6.700h.1M12 6.700h.1M5 9.800h6" />
    </>
  ),
  'arrow-right': <path d="M2.5 8h11M9.5 4l4 4-4 4" />,
  'arrow-left': <path d="M13.5 8h-11M6.5 4l-4 4 4 4" />,
  fit: <path d="M2.5 4v8M13.5 4v8M5 8h6M6.5 6 4.5 8l2 2M9.5 6l2 2-2 2" />,
  upload: <path d="M8 11V2.500M4.500 6 8 2.500 11.500 6M3 13.500h10" />,
  gear: (
    <>
      <circle cx="8" cy="8" r="2.200" />
      <path d="M8 1.600v2M8 12.400v2M1.600 8h2M12.400 8h2M3.500 3.500l1.400 1.400M11.100 11.100l1.400 1.400M12.500 3.500l-1.400 1.400M4.900 11.100l-1.400 1.400" />
    </>
  ),
  download: <path d="M8 2.5v8M4.5 7.500 8 11l3.5-3.500M3 13.500h10" />,
  logo: (
    <>
      <path d="M2.5 4h10" stroke="var(--cat-upstream)" strokeWidth="2" />
      <path d="M4.5 8h4.5" stroke="var(--cat-gateway)" strokeWidth="2" />
      <path d="M8.5 12h5" stroke="var(--cat-connect)" strokeWidth="2" />
    </>
  ),
} as const satisfies Record<string, ReactNode>;

export type IconName = keyof typeof DRAWINGS;

/** A drawing in the colour of the text around it. It says nothing to a screen reader: the words beside it do. */
export function Icon({ name, size = 14 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {DRAWINGS[name]}
    </svg>
  );
}
