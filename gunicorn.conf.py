"""Read by gunicorn from the folder that it is started in; options of the command line win."""

# The path without its query: what people search for, and a secret somebody put there, is nobody's business.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(B)s %(D)s'
logger_class = "core.logs.GunicornLogger"
