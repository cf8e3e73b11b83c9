import { Component, type ReactNode } from 'react';
import { Button } from '../parts/button.tsx';
import { EmptyState } from '../parts/notice.tsx';

interface Props {
  readonly children: ReactNode;
  /** What is shown; where it changes, what broke before is tried again. */
  readonly subject?: string;
}

/** Shows what broke instead of an empty page. */
export class ErrorBoundary extends Component<Props, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(thrown: unknown): { error: Error } {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }

  override componentDidUpdate(before: Props): void {
    if (this.state.error !== null && before.subject !== this.props.subject) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main>
        <EmptyState title="This page broke">
          <p>{error.message}</p>
          <Button onClick={() => window.location.reload()}>Load it again</Button>
        </EmptyState>
      </main>
    );
  }
}
