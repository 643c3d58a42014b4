"""Host of `bptm up`: data directory, engines, certificates, children and their restarts.

It knows the other hosts only by their command line and their settings files (docs/reference/processes.md); it never
imports them. One thread does everything: a child's death signal is tied to the thread that started it (`spawn`).

Exceptions, by what the caller can do (`failures`):

    SupervisorError
      CannotStartError   nothing was started, or all of it was stopped again: exit status 2
      GaveUpError        a child failed too often while running: exit status 1
      StopAskedError     Ctrl-C or SIGTERM during the start
"""
