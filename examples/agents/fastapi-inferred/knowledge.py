FACTS = """
clay: Clay is soft until it is fired.
kiln: A kiln turns clay into stoneware at about 1200 degrees.
glaze: Glaze melts into glass on the surface.
"""
