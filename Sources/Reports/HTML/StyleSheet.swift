extension ReportPage {
  /// The look of the page: one column on a phone, light or dark like the reader's system.
  static let styleSheet = """

    :root {
      color-scheme: light dark;
      --page: #ffffff; --text: #1c2024; --quiet: #5c6570; --line: #d9dee3; --panel: #f5f7f9;
      --good: #11713a; --bad: #b42318; --doubtful: #8a5a00; --first: #1f5fbf; --second: #b3530b; --link: #1f5fbf;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14171a; --text: #e4e8ec; --quiet: #9aa5b1; --line: #333a42; --panel: #1d2226;
        --good: #57c785; --bad: #ff8a7a; --doubtful: #e0b050; --first: #78aef5; --second: #f0a060; --link: #8dbcff;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--page); color: var(--text);
      font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
    }
    h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .5rem; }
    h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
    h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
    p { margin: .25rem 0; }
    a { color: var(--link); }
    .result { font-weight: 700; font-size: 1.15rem; }
    .conforms { color: var(--good); }
    .fails { color: var(--bad); }
    .unsupported { color: var(--doubtful); }
    .quiet { color: var(--quiet); font-size: .875rem; }
    .wide { overflow-x: auto; margin: 0 0 1rem; }
    table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
    th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
    th:first-child { text-align: left; padding-left: 0; }
    tbody th { font-weight: 400; overflow-wrap: normal; }
    thead th { color: var(--quiet); font-weight: 600; vertical-align: bottom; overflow-wrap: normal; }
    td { overflow-wrap: normal; }
    table .quiet { font-size: inherit; }
    .cases { width: 100%; }
    .cases th:first-child { overflow-wrap: anywhere; min-width: 9rem; }
    details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: 0 .75rem; }
    summary { cursor: pointer; padding: .5rem 0; }
    details[open] > summary { border-bottom: 1px solid var(--line); margin-bottom: .75rem; }
    details.case > summary { font-weight: 600; }
    details.case > div { scroll-margin-top: 4rem; }
    details:has(> :target) { border-color: var(--link); }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1rem; margin: .5rem 0 1rem; }
    dt { color: var(--quiet); }
    dd { margin: 0; }
    dd p { margin: 0; white-space: pre-wrap; }
    code { font-family: ui-monospace, monospace; font-size: .9em; }
    pre { background: var(--panel); border-radius: .5rem; padding: .5rem .75rem; margin: .5rem 0; white-space: pre-wrap; }
    code span { display: inline-block; max-width: 100%; }
    .facts { font-size: .875rem; gap: .15rem 1rem; }
    .sentence::first-letter { text-transform: uppercase; }
    .cause { margin-bottom: 1.5rem; }
    .names { columns: 20rem; padding-left: 1.25rem; margin: .5rem 0 1rem; font-size: .875rem; }
    .matrix table { border-collapse: separate; border-spacing: 0; }
    .matrix td, .matrix thead th { text-align: center; white-space: nowrap; }
    .matrix td { border-left: 1px solid var(--page); }
    .matrix tr > [scope="row"], .matrix [rowspan] {
      position: sticky; left: 0; background: var(--page); text-align: left; min-width: 10rem; padding-left: 0;
    }
    .matrix thead tr + tr th { padding: .3rem .6rem; text-align: center; }
    .matrix [colspan] { border-left: 1px solid var(--line); }
    .matrix td[class] { background: color-mix(in srgb, currentColor 12%, transparent); }
    .matrix td.fails { font-weight: 600; }
    .worst th:first-child { min-width: 11rem; }
    .worst :is(th, td):nth-child(2) { text-align: left; min-width: 13rem; }
    .plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1rem; }
    figure { margin: 0 0 .75rem; background: var(--panel); border-radius: .5rem; padding: .5rem; max-width: 40rem; }
    svg { display: block; width: 100%; height: auto; }
    figcaption { font-size: .875rem; color: var(--quiet); }
    svg text { font: 12px system-ui, sans-serif; fill: var(--quiet); }
    svg .scale { text-anchor: end; dominant-baseline: central; }
    svg .value { text-anchor: middle; }
    svg .grid { stroke: var(--line); stroke-width: 1; }
    svg .limit { stroke: var(--bad); stroke-width: 1.25; stroke-dasharray: 5 3; }
    svg .dots { fill: none; }
    svg .tensor-1 { stroke: var(--first); stroke-linecap: round; stroke-width: 6; }
    svg .tensor-2 { stroke: var(--second); stroke-linecap: square; stroke-width: 3; }
    .legend { white-space: nowrap; color: var(--text); margin-right: .5rem; }
    .legend::before { content: ""; display: inline-block; width: .6rem; height: .6rem; margin-right: .3rem; }
    .legend.tensor-1::before { background: var(--first); border-radius: 50%; }
    .legend.tensor-2::before { background: var(--second); }
    .legend.limit::before { height: 0; border-top: 2px dashed var(--bad); vertical-align: middle; width: 1rem; }
    @media (max-width: 36rem) {
      dl { grid-template-columns: 1fr; gap: 0; }
      dd { margin-bottom: .6rem; }
      table { font-size: .75rem; }
      th, td { padding: .3rem .25rem; }
      .matrix thead tr + tr th { padding: .3rem .25rem; }
      .matrix tr > [scope="row"], .matrix [rowspan] { min-width: 6.5rem; max-width: 8rem; overflow-wrap: anywhere; }
      .worst th:first-child { min-width: 8rem; }
      .worst :is(th, td):nth-child(2) { min-width: 9rem; }
    }

    """
}
