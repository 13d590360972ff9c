"""Components, paging and static files that every face shares."""
