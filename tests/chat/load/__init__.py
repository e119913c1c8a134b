"""A bad day in the incident channel, played at full speed: what is asked, what AWS tells, what stands in the channels in the end."""
