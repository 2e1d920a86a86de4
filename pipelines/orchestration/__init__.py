"""When a feature's assets run, and how: jobs, schedules, sensors, and runs that the command line begins itself."""
