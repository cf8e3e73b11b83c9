import type { ReactNode } from 'react';

function icon(children: ReactNode) {
  return function Icon({ size = 14 }: { readonly size?: number }) {
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
        {children}
      </svg>
    );
  };
}

export const ChevronRight = icon(<path d="m6 3.5 4.5 4.5L6 12.5" />);
export const ChevronDown = icon(<path d="M3.5 6 8 10.5 12.5 6" />);
export const Plus = icon(<path d="M8 3v10M3 8h10" />);
export const Minus = icon(<path d="M3 8h10" />);
export const Close = icon(<path d="m4 4 8 8M12 4l-8 8" />);
export const Copy = icon(
  <>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.500H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.500h1.5" />
  </>,
);
export const Check = icon(<path d="m3 8.5 3.5 3.500L13 4.5" />);
export const Stop = icon(<rect x="4" y="4" width="8" height="8" rx="1" fill="currentColor" />);
export const Alert = icon(
  <>
    <path d="M8 2.2 14.5 13.500h-13Z" />
    <path d="M8 6.500v3.200M8 11.700v.1" />
  </>,
);
export const Sun = icon(
  <>
    <circle cx="8" cy="8" r="2.8" />
    <path d="M8 1.500v1.300M8 13.200v1.300M1.5 8h1.300M13.2 8h1.300M3.4 3.400l.9.9M11.7 11.700l.9.9M12.6 3.400l-.9.9M4.3 11.700l-.9.9" />
  </>,
);
export const Moon = icon(<path d="M13.5 9.700A5.8 5.8 0 0 1 6.3 2.500a5.8 5.8 0 1 0 7.2 7.200Z" />);
export const Device = icon(
  <>
    <rect x="2" y="3" width="12" height="8" rx="1.2" />
    <path d="M6 13.500h4" />
  </>,
);
export const ArrowRight = icon(<path d="M2.5 8h11M9.5 4l4 4-4 4" />);
export const ArrowLeft = icon(<path d="M13.5 8h-11M6.5 4l-4 4 4 4" />);
export const Fit = icon(<path d="M2.5 4v8M13.5 4v8M5 8h6M6.5 6 4.5 8l2 2M9.5 6l2 2-2 2" />);
export const Logo = icon(
  <>
    <path d="M2.5 4h10" stroke="var(--cat-upstream)" strokeWidth="2" />
    <path d="M4.5 8h4.5" stroke="var(--cat-gateway)" strokeWidth="2" />
    <path d="M8.5 12h5" stroke="var(--cat-connect)" strokeWidth="2" />
  </>,
);
