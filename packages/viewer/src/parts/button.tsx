import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link } from 'wouter';
import styles from './button.module.css';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'type'> {
  readonly kind?: ButtonKind;
  readonly type?: 'button' | 'submit';
}

/** A button; `quiet` has no border until it is pointed at. */
export function Button({ kind = 'plain', type = 'button', ...rest }: ButtonProps) {
  return <button {...rest} type={type} className={`${styles['button']} ${styles[kind]}`} />;
}

interface IconButtonProps extends ButtonProps {
  readonly label: string;
}

/** A button with a drawing alone; its label is its name and its tooltip. */
export function IconButton({ label, kind = 'quiet', type = 'button', ...rest }: IconButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      title={label}
      className={`${styles['button']} ${styles[kind]} ${styles['square']}`}
    />
  );
}

/** A link within the viewer that looks like a button. */
export function ButtonLink({
  href,
  kind = 'plain',
  children,
}: {
  readonly href: string;
  readonly kind?: ButtonKind;
  readonly children: ReactNode;
}) {
  return (
    <Link href={href} className={`${styles['button']} ${styles[kind]}`}>
      {children}
    </Link>
  );
}

/** A link to a file that looks like a quiet button. */
export function ButtonDownload({
  href,
  name,
  children,
}: {
  readonly href: string;
  /** What the file is called. */
  readonly name: string;
  readonly children: ReactNode;
}) {
  return (
    <a href={href} download={name} className={`${styles['button']} ${styles['quiet']}`}>
      {children}
    </a>
  );
}
