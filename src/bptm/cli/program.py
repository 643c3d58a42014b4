"""`bptm program`: the programme desk: where, for whom, what it is worth, what to report.

Each command is one module, imported when it is asked for.
"""

from cyclopts import App

app = App(name="program", help="The programme desk: where, for whom, what it is worth, what to report.")
app.command("bptm.cli.program_rank:rank", help="Rank counties by hazard, people and outages: where to begin.")
app.command(
    "bptm.cli.program_outages:outages", help="Read an outage record: SAIDI, SAIFI, shutoffs, what backup covers."
)
app.command("bptm.cli.program_site:site", help="Who gets the next meters, and why this one.")
app.command("bptm.cli.program_value:value", help="What a meter is worth against the other ways, with its uncertainty.")
app.command("bptm.cli.program_survive:survive", help="How long homes last on each kind of backup.")
app.command("bptm.cli.program_results:results", help="What the programme has done so far, and each incident's dossier.")
app.command("bptm.cli.program_report:report", help="Fill the regulator's tables; HTML, PDF, CSV and Parquet.")
app.command("bptm.cli.program_generator:generator", help="Does this generator fit, and why not.")
app.command("bptm.cli.program_profile:profile", help="Check a utility's profile, or list those that ship.")
app.command("bptm.cli.program_pages:pages", help="Worked examples of all parts as pages, from what ships.")
