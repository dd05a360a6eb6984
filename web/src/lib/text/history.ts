/** Whether going back stays inside the app: the router numbers its entries. */
export const hasPageBefore = (): boolean => ((history.state as { _routerIndex?: number } | null)?._routerIndex ?? 0) > 0;
